-- Two users of PostgreSQL, so that the service that faces the web cannot change or drop tables.
--
--   psql --set owner_password=... --set service_password=... --file roles.sql
--
-- `afterword migrate` runs as afterword_owner, once before each new version starts; `serve` and all
-- other commands run as afterword, which reads and writes rows and does nothing else.
CREATE ROLE afterword_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE afterword LOGIN PASSWORD :'service_password';
CREATE DATABASE afterword OWNER afterword_owner;

\connect afterword
REVOKE ALL ON DATABASE afterword FROM PUBLIC;
GRANT CONNECT ON DATABASE afterword TO afterword;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO afterword_owner;
GRANT USAGE ON SCHEMA public TO afterword;
ALTER DEFAULT PRIVILEGES FOR ROLE afterword_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO afterword;
ALTER DEFAULT PRIVILEGES FOR ROLE afterword_owner IN SCHEMA public
    GRANT USAGE ON SEQUENCES TO afterword;
