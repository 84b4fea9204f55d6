"""From the master to tables and sentences. Plain functions over plain values: no file is read or written here."""
