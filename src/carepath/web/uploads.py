"""Forms with a file: multipart/form-data (RFC 7578), for the few pages that take one."""

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

from carepath.kit.words import _
from carepath.web.forms import BadRequest

_MOST_PARTS = 20
_KIND = "multipart/form-data"

Fields = dict[str, list[str]]
Files = dict[str, list[bytes]]


def is_multipart(content_type: str) -> bool:
    """Does a form say that it may bring files?"""
    return bool(parse_options_header(content_type)[0] == _KIND)


def parse_multipart(body: bytes, content_type: str) -> tuple[Fields, Files]:
    """Field name -> values, and the same for files; a file that nobody chose is none. BadRequest when it is broken."""
    fields, files = Fields(), Files()
    try:
        for segment, content in _segments(body, parse_options_header(content_type)[1].get("boundary", "")):
            if segment.filename is None:
                text = content.decode("utf-8").replace("\r\n", "\n")
                fields.setdefault(segment.name or "", []).append(text)
            elif segment.filename or content:
                files.setdefault(segment.name or "", []).append(content)
    except UnicodeDecodeError:
        raise BadRequest(400, _("The form is not valid UTF-8.")) from None
    except ParserLimitReached:
        raise BadRequest(413, _("That is more than one form can hold.")) from None
    except MultipartError:
        raise BadRequest(400, _("The form with the file is broken.")) from None
    return fields, files


def _segments(body: bytes, boundary: str) -> list[tuple[MultipartSegment, bytes]]:
    found: list[tuple[MultipartSegment, bytearray]] = []
    with PushMultipartParser(boundary, max_segment_count=_MOST_PARTS, strict=True) as parser:
        for event in parser.parse(body):
            if isinstance(event, MultipartSegment):
                found.append((event, bytearray()))
            elif event:
                found[-1][1].extend(event)
    return [(segment, bytes(content)) for segment, content in found]
