"""Making models that draw in one or a few steps: pairs, reflow, distillation, distribution matching."""
