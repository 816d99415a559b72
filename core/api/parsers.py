"""What the API reads: JSON that is not nested without end, and whose text can be kept and said back."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class WholeTextParser(JSONParser):
    """JSON, without half characters: an escaped surrogate without its other half is no text, and neither the
    database nor an answer can hold it."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            said = super().parse(stream, media_type, parser_context)
            json.dumps(said, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply. Send it flatter.") from error
        except UnicodeEncodeError as error:
            half = error.object[error.start : error.start + 1].encode("unicode_escape").decode()
            text = f"{half} is half a character. Send its other half too, or leave it out."
            raise ParseError(text) from error
        return said
