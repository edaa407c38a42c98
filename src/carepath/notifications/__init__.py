"""Messages: rows first, sent by workers, once each as their recipients see it."""
