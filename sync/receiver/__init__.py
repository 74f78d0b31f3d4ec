"""The internet side of the town, which stores ciphertext, signs receipts and can open nothing."""
