"""What is drawn of a world: one module per figure, tables or arrays in, a figure, frames or a page out."""
