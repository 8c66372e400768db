# Not built in CI (no container daemon there): if a line here is wrong, only a build by hand will tell.
FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir '.[media,redis,tls]' && useradd --create-home bodydouble
USER bodydouble
EXPOSE 8750
HEALTHCHECK CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8750/_bodydouble/ready', timeout=3)"]
ENTRYPOINT ["bodydouble"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8750"]
