"""The command that prints the route table."""

import click

from county import config
from county.web import frame


@click.command("routes")
@click.pass_obj
def routes_command(rooms: tuple[object, ...]) -> None:
    """Print one line per method and route: METHOD, path, roles."""
    app = frame.make_app(config.load(), rooms)  # type: ignore[arg-type]
    for line in route_lines(app):
        click.echo(line)


def route_lines(app: object) -> list[str]:
    """List `METHOD<tab>path<tab>roles` for every route but the static files, sorted by path."""
    from flask import Flask

    assert isinstance(app, Flask)
    lines = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            continue
        allowed = getattr(app.view_functions[rule.endpoint], "allowed", ())
        roles = ",".join(str(grant) for grant in allowed)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            lines.append((rule.rule, method, roles))
    return [f"{method}\t{path}\t{roles}" for path, method, roles in sorted(lines)]
