# syntax=docker/dockerfile:1
# One image for web, worker, beat and the one-time preparation; compose chooses the command.

FROM python:3.12-slim AS build
ENV PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY bootstrap bootstrap
COPY requirements-uv.lock requirements.lock package.json package-lock.json .npmrc ./
COPY frontend frontend
RUN python -m bootstrap

FROM python:3.12-slim
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SOPCYCLE_MODE=production \
    SOPCYCLE_STATE=/var/lib/sopcycle
RUN useradd --system --uid 10001 --no-create-home sopcycle \
    && install --directory --owner=sopcycle --group=sopcycle /var/lib/sopcycle
WORKDIR /app
# The same place as in the first stage: programs of a virtual environment name it.
COPY --from=build /app/.venv .venv
COPY . .
COPY --from=build /app/static/vendor static/vendor
USER sopcycle
VOLUME /var/lib/sopcycle
EXPOSE 8000
CMD ["gunicorn", "sopcycle.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", \
     "--threads", "8", "--preload", "--no-control-socket", "--timeout", "120", "--graceful-timeout", "5"]
