#!/bin/sh
# Run once by the Postgres image on an empty volume: the database, the role that owns and migrates it, and the application's
# role, which row level security binds. Neither is a superuser.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 \
  --set owner_password="$PARLEY_OWNER_PASSWORD" --set app_password="$PARLEY_APP_PASSWORD" <<'SQL'
CREATE ROLE parley_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE parley_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
CREATE DATABASE parley OWNER parley_owner;
SQL
