"""Texts of documents (PDF, Word, PowerPoint, plain), in passages that can be searched and cited."""
