"""Everything that an approval asks for, done properly: for tests whose story is another one."""

from carepath.dev.checklist import see_to

__all__ = ["see_to"]
