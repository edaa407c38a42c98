"""What each message says at the moment it leaves.

A message row holds ids only. Just before sending, its subject is read again: what was moved, cancelled, answered or
has begun is not told any more.
"""
