"""`model.step` in other ways: fused for one core (`cpu`, on `planes`, measured by `sums`) and in torch (`gpu`)."""
