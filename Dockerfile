# The emulator with everything it serves, as a user without a name and without rights, on a file
# system that may be read-only: give it a tmpfs at /tmp, where films are made.
#   docker build -t bodydouble . && docker run --rm --read-only --tmpfs /tmp -p 127.0.0.1:8750:8750 bodydouble
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /dist .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="bodydouble" \
      org.opencontainers.image.description="Stands in for paid AI-video APIs: real answers, real money arithmetic, real videos, no bill." \
      org.opencontainers.image.licenses="MIT"
COPY .ci/container.txt /dist/
RUN pip install --no-cache-dir --require-hashes -r /dist/container.txt
COPY --from=build /dist /dist
RUN pip install --no-cache-dir --no-deps /dist/*.whl
ENV PYTHONDONTWRITEBYTECODE=1 BODYDOUBLE_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8750
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=10s --start-period=10s CMD ["bodydouble", "sandbox", "ready"]
ENTRYPOINT ["bodydouble"]
CMD ["serve"]
