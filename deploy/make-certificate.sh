#!/bin/sh
# make-certificate.sh NAME FOLDER: an authority of the laboratory's own (ca.crt, ca.key), made once, and a certificate
# for the machine NAME by it (server.crt, server.key), for two years.  Browsers that trust ca.crt trust the machine.
set -eu
name=$1 folder=$2
mkdir -p "$folder"
cd "$folder"
umask 077
if [ ! -e ca.key ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.crt -days 3650 \
    -subj "/CN=Barograph laboratory authority" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
fi
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.csr \
  -subj "/CN=$name" 2>/dev/null
printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n' \
  "$name" >server.ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 730 -sha256 -extfile server.ext \
  -out server.crt 2>/dev/null
rm server.csr server.ext
chmod 644 ca.crt server.crt
