"""The words a record is compressed against: one file for each number, never changed once it has been used."""
