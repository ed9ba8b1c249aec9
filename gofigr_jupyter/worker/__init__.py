"""Process 2: takes parcels from the outbox, draws further forms, uploads, and writes receipts."""
