"""Turns requests about claims into typed values: pictures, counts, words, JSON bodies."""

from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from flask import request
from flask_babel import gettext
from pydantic import BaseModel, ConfigDict, Field

from county.errors import N_
from county.files.types import PictureRefused
from county.web import parse
from shop.aftersales.rules import PICTURES_MAX, REASONS
from shop.aftersales.types import Asked, BadDecision, ClaimKind, ClaimReason, LiableParty

# A phone's picture is 2 to 6 MB; what is larger is made smaller by the phone itself.
PICTURE_BYTES = 8_000_000


@dataclass
class ClaimForm:
    """What was typed into the claim form, new pictures and those kept before, and what is wrong with it."""

    position: int
    kind: ClaimKind
    reason: str = ""
    spoiled: str = ""
    pieces: str = ""
    says: str = ""
    uploads: list[bytes] = field(default_factory=list)
    picture_ids: list[UUID] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def asked(self) -> Asked:
        """Give what is asked for; call it when there are no errors."""
        return Asked(
            position=self.position,
            kind=self.kind,
            reason=ClaimReason(self.reason),
            spoiled=int(self.spoiled or 0),
            pieces=int(self.pieces or 0),
            says=self.says,
            picture_ids=tuple(self.picture_ids),
        )


def read_claim(position: int, kind: ClaimKind) -> ClaimForm:
    """Read the claim form; what is wrong stands in `errors` by field."""
    given = request.form
    form = ClaimForm(position=position, kind=kind)
    choices = REASONS[kind]
    form.reason = given.get("reason", choices[0].value if len(choices) == 1 else "")
    form.says = given.get("says", "").strip()
    if kind is ClaimKind.SPOILED:
        form.spoiled = given.get("spoiled", "").strip()
        form.pieces = given.get("pieces", "").strip()
    form.picture_ids = _ids(given.getlist("picture_id"))
    sent = request.files.getlist("picture") + request.files.getlist("picture_more")
    form.uploads = [upload.read(PICTURE_BYTES + 1) for upload in sent if upload.filename]
    if form.reason not in {reason.value for reason in choices}:
        form.errors["reason"] = gettext("Please choose what is wrong.")
    for name, typed in (("spoiled", form.spoiled), ("pieces", form.pieces)):
        if kind is ClaimKind.SPOILED and not _is_count(typed):
            form.errors[name] = gettext("Please type a whole number, such as 10.")
    if len(form.uploads) + len(form.picture_ids) > PICTURES_MAX:
        form.errors["picture"] = gettext("At most six pictures can be sent.")
        form.uploads = []
    return form


def require_small(content: bytes) -> bytes:
    """Give an uploaded picture; refuses `PictureRefused` when it has more bytes than we take."""
    if len(content) > PICTURE_BYTES:
        raise PictureRefused(why=N_("it is larger than 8 MB."))
    return content


def read_picture() -> bytes:
    """Read the body of a picture upload by a program: the bytes themselves."""
    return require_small(request.get_data(cache=True))


def read_words() -> str:
    """Read the words that go with a decision."""
    return request.form.get("says", "").strip()


def read_version() -> int:
    """Read the version of the claim or lot that was seen; 0, which never fits, when it cannot be read."""
    text = request.form.get("version", "")
    return int(text) if _is_count(text) else 0


def read_spoiled() -> int | None:
    """Read how many pieces are accepted; None when the form does not ask."""
    text = request.form.get("spoiled", "").strip()
    if not text:
        return None
    if not _is_count(text):
        raise BadDecision(field="spoiled", why=N_("please type a whole number."))
    return int(text)


def read_back_on_sale() -> bool:
    """Read whether goods that came back go on sale again."""
    return request.form.get("back_on_sale") == "1"


def read_waybill() -> tuple[str, str]:
    """Read courier and waybill number of goods sent back."""
    given = request.form
    return given.get("carrier", "").strip(), given.get("waybill", "").strip().replace(" ", "")


def read_party() -> LiableParty:
    """Read who is liable."""
    text = request.form.get("party", "")
    if text not in set(LiableParty):
        raise BadDecision(field="party", why=N_("please choose who is liable."))
    return LiableParty(text)


@dataclass(frozen=True)
class ListQuery:
    """Which claims a list shows."""

    which: str
    kind: ClaimKind | None
    text: str


def read_query(*, usual: str) -> ListQuery:
    """Read the filters of a list of claims; unknown ones count as none."""
    kind = request.args.get("kind", "")
    return ListQuery(
        which=request.args.get("which", usual),
        kind=ClaimKind(kind) if kind in set(ClaimKind) else None,
        text=request.args.get("q", "").strip()[:40].upper(),
    )


class ClaimBody(BaseModel):
    """The JSON body of a claim; pictures are uploaded before, one by one, to /claims/pictures."""

    model_config = ConfigDict(extra="forbid")

    line: Annotated[int, Field(strict=True, ge=0, le=49)]
    kind: ClaimKind
    reason: ClaimReason
    spoiled: Annotated[int, Field(strict=True, ge=0, le=9_999)] = 0
    pieces: Annotated[int, Field(strict=True, ge=0, le=9_999)] = 0
    says: str = Field(default="", max_length=500)
    picture_ids: list[UUID] = Field(default_factory=list, max_length=PICTURES_MAX)

    def asked(self) -> Asked:
        """Give what is asked for; the same picture twice counts once."""
        return Asked(
            position=self.line,
            kind=self.kind,
            reason=self.reason,
            spoiled=self.spoiled,
            pieces=self.pieces,
            says=self.says.strip(),
            picture_ids=tuple(dict.fromkeys(self.picture_ids)),
        )


def parse_claim(body: dict[str, Any]) -> ClaimBody:
    """Read the JSON body of a claim; refuses `BadInput`."""
    return parse(ClaimBody, body)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _ids(texts: list[str]) -> list[UUID]:
    ids = []
    for text in texts[:PICTURES_MAX]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue  # Not one of ours; the picture is then said to be missing.
    return list(dict.fromkeys(ids))
