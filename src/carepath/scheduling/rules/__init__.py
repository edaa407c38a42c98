"""The pure core: hours to instants, instants to legal starts, and what may happen to an appointment."""
