# The command in a container:
#   docker build -t proofsheet .
#   docker run --rm -e CANDIDATE_KEY -v "$PWD:/work" --user "$(id -u):$(id -g)" proofsheet verify candidate
FROM python:3.12-slim

COPY pyproject.toml README.md LICENSE /source/
COPY src /source/src
COPY specs /source/specs
COPY suites /source/suites
RUN pip install --no-cache-dir /source && rm -r /source \
    && useradd --create-home --uid 10001 proofsheet \
    && mkdir /work && chown proofsheet /work

USER proofsheet
WORKDIR /work
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT ["proofsheet"]
CMD ["--help"]
