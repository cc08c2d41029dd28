"""The OpenAPI document of /api/v1: views say what they take and give, spectree writes it down."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, jsonify
from pydantic import BaseModel, RootModel, ValidationError
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from county.errors import BadInput, Fault
from county.web.access import PUBLIC, allow

View = TypeVar("View", bound=Callable[..., Any])
Model = TypeVar("Model", bound=BaseModel)

spec = SpecTree(
    "flask",
    title="Shanhuo",
    version="1",
    openapi_version="3.1.0",
    mode="strict",
    annotations=False,
    security_schemes=[
        SecurityScheme(
            name="token",
            data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"),
        )
    ],
    security={"token": []},
)
pages = Blueprint("county_openapi", __name__)


class Problem(BaseModel):
    """Every refusal: a stable code, a sentence in the caller's language, and the facts."""

    code: str
    message: str
    fields: dict[str, Any]


def documented(
    *,
    takes: type[BaseModel] | None = None,
    gives: type | None = None,
    status: int = 200,
    query: type[BaseModel] | None = None,
    refuses: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Write a view down in the OpenAPI document; parsing stays with the feature's forms.

    Takes: `takes`, the model of the JSON body; `gives`, a model or dataclass of the answer; `refuses`, the
    statuses answered with a `Problem`.
    """
    answers: dict[str, Any] = {f"HTTP_{status}": _model(gives) if gives else None}
    answers |= {f"HTTP_{code}": Problem for code in refuses}
    validate: Callable[[View], View] = spec.validate(
        json=takes, query=query, resp=Answers(**answers), skip_validation=True
    )
    return validate


def _model(gives: type) -> type[BaseModel]:
    if issubclass(gives, BaseModel):
        return gives
    model = RootModel[gives]  # type: ignore[valid-type]
    model.__name__ = gives.__name__
    return model


def parse(model: type[Model], body: dict[str, Any]) -> Model:
    """Read a JSON object into a model; refuses `BadInput` with one fault per wrong field."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        faults = [
            Fault(".".join(str(part) for part in each["loc"]) or "body", each["msg"])
            for each in error.errors(include_url=False, include_context=False)
        ]
        raise BadInput(faults) from None


@pages.get("/openapi.json")
@allow(PUBLIC)
def show_openapi() -> Response:
    """Show the OpenAPI 3.1 document."""
    document = dict(spec.spec)
    document["paths"] = {
        path: operations for path, operations in document["paths"].items() if path.startswith("/api/v1")
    }
    return jsonify(document)


def install(app: Flask) -> None:
    """Let spectree look at the views of this application."""
    spec.app = app
    spec.backend.register_route = lambda app: None  # type: ignore[method-assign]
    spec.register(app)
