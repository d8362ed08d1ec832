"""Figures of the oscillator field: tables and arrays in, figures, frames and pages out."""
