FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app/src:/app
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --no-deps --require-hashes --requirement requirements/run.txt
COPY src src
COPY workers workers
COPY templates templates
COPY config config
RUN useradd --system --uid 10001 --create-home carepath && mkdir /data && chown carepath /data
USER carepath
ENV CAREPATH_DATA_DIR=/data CAREPATH_ENV=production PORT=8000
ENTRYPOINT ["python", "-m", "carepath.cli"]
CMD ["web"]
