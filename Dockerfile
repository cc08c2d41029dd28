# One image for every process; which one it is, the command says. Not built where this was written (no container engine
# there): read it before you trust it.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# pg_dump and pg_restore for `backup` and `restore`; fonts for pictures and labels.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 shanhuo

WORKDIR /srv/shanhuo
COPY --chown=shanhuo run.py requirements.lock ./
COPY --chown=shanhuo . .
RUN mkdir -p instance && chown shanhuo . instance
USER shanhuo
# Makes ./.venv from the lock; pip's settings of the build (index, certificates) hold.
RUN python run.py --help

VOLUME /srv/shanhuo/instance
ENTRYPOINT ["python", "run.py"]
CMD ["serve"]
