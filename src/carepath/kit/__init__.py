"""What every island stands on. Nothing here knows the clinic's domain."""
