"""How a fault of ours is written to a log: its kind and its place, never its text, which may hold somebody's data."""


def describe(problem: BaseException) -> str:
    """ "ValueError at queries.py:12 < service.py:40"."""
    frames, trace = [], problem.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(problem).__name__} at {' < '.join(reversed(frames[-6:]))}"
