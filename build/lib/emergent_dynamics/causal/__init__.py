"""Tokens on the sphere under causal attention: clusters, their leaders and Rényi centres.

    x_k' = P_{x_k} sum_{j <= k} a_kj V x_j,    a_kj = softmax over j <= k of beta <Q x_k, K x_j>

Karagodin, Polyanskiy & Rigollet 2024, "Clustering in causal attention masking", NeurIPS, arXiv:2411.04990.
Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, "A mathematical perspective on Transformers",
arXiv:2312.10794.
Geshkovski, Koubbi, Polyanskiy & Rigollet 2024, "Dynamic metastability in the self-attention model",
arXiv:2410.06833.
Bruno, Pasqualotto & Agazzi 2025, "Emergence of meta-stable clustering in mean-field transformer
models", ICLR, arXiv:2410.23228.
"""
