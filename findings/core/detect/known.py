"""Values that everybody knows: what manuals and standards print, what products have at first, what fingers find."""

import re

from findings.core.vocabulary import words as word_set

# Keys of the emulators of Azure, the same everywhere, by how they begin.
EMULATOR = ("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50u", "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5")
# Tokens that the standards of OAuth print.
SAMPLES = word_set(
    "2yotnfzfejr1zcsicmwpaa tgzv3jokf0xg5qx2tlkwia slav32hkkg gx1fbat3bv 7fjfp0zbr1ktdrbnfvdmiw mf_9.b5f-4.1jqm "
    "h480djs93hd8 splxlobezqqybys6wxsbia "
    # and keys that those of ciphers do
    "2b7e151628aed2a6abf7158809cf4f3c 8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b "
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4 "
    # and keys of interfaces that everybody may try out
    "reqres-free-v1 sk_test_4ec39hqlyjwdarjtt1zdp7dc sk_test_tr3pybcvnzz796th88s4vq2u demo_key "
    "b6907d289e10d714a6e88b30761fae22 "
    # and the accounts of the chains that developers run for themselves (Anvil, Hardhat), by their manuals
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80 "
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d "
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a "
    "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6 "
    "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a "
    "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba "
    "92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e "
    "4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356 "
    "dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97 "
    "2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6"
) | {"abcd efgh ijkl mnop"}
USUAL = word_set(
    "password passwd pass pwd secret token postgres postgresql root admin administrator guest test testing user mysql "
    "mariadb redis rabbitmq rabbit mongo mongodb minio minioadmin example default 123456 12345678 qwerty letmein dev "
    "local nova_dev kafka clickhouse elastic sa app api key username test123 password123 admin123 password1 password2 "
    "password12 pass123 pass1234 passw0rd p@ssw0rd tiger masterkey abc123 secret123 root123 1234 12345 1234567 "
    "123456789 1234567890 admin1234 adminadmin changeit foobar foobarbaz hunter2 s3cr3t s3cret mypassword mysecret "
    "mysecretpassword wordpress wp laravel homestead drupal joomla senha contrasena motdepasse passwort parola "
    "wachtwoord haslo heslo clave mytoken apikey12345 user123 dev123 demo demo123 notasecret localhost local123 "
    "minio123 mypass "
    # what products have before anybody sets one, and what the manuals of Kubernetes, Kafka and Redis print
    "docker grafana vault keycloak nats airflow superset sonar jenkins odoo gitea harbor consul influx influxdb kibana "
    "logstash opensearch cassandra scylla couchdb couchbase oracle mssql hasura supabase temporal metabase mattermost "
    "nextcloud gitlab nexus zookeeper redpanda pulsar activemq artemis solr tomcat zabbix traefik portainer pgadmin "
    "rancher neo4j foobared prom-operator secretcookie keyboard-cat admin-secret alice-secret bob-secret "
    "1f2d1e2e67df 39528$vdg7jb s!b*d$zdsb= s!b\\*d$zdsb= s!b\\*d\\$zdsb= t0p-secret bitnami"
) | {"keyboard cat"}
# Rows of the keyboard and the alphabet, from where a finger begins.
ROW = re.compile(
    r"(?:a(?:b(?:c(?:d(?:e(?:f(?:gh?)?)?)?)?)?)|q(?:w(?:e(?:r(?:t(?:y(?:uiop)?)?)?)?)?)|asdf(?:gh?(?:jkl)?)?|zxcv(?:bn?m?)?"
    r"|qaz(?:wsx(?:edc)?)?)(?:1(?:2(?:3(?:4(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?)?)?)?)?[!@#]?"
)
