"""Deep Insight: questions about figures, answered from their record; by computed facts, or by a model given them."""
