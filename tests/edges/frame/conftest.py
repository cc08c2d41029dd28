"""The gallery as a client sees it, and macros rendered alone."""

import pytest
from flask import g, render_template_string

from tests.browser.gallery import make_caller, make_gallery


@pytest.fixture(scope="module")
def gallery():
    return make_gallery()


@pytest.fixture
def client(gallery):
    return gallery.test_client()


@pytest.fixture
def render(gallery):
    """Gives a function that renders a template text in English, as the page /desk?sort=fen."""

    def render(source, path="/desk?lang=en&sort=fen", **values):
        with gallery.test_request_context(path):
            g.request_id = "1234567890"
            g.caller = make_caller()
            return " ".join(render_template_string(source, **values).split())

    return render
