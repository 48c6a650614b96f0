#!/bin/sh
# Makes the signed and encrypted mails of tests/mail_traps/smime.rs anew, with keys that exist for nothing else.
# Certificates are valid from the day this runs, so the mails bear a later Date.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
head="Authentication-Results: mx.gemeente.nl; dmarc=pass header.from=coa.nl
From: COA Plaatsing <plaatsing@coa.nl>
To: inburgering@gemeente.nl
Date: Mon, 4 Jan 2027 10:00:00 +0100
Subject: Koppelbericht"
printf 'Content-Type: text/plain; charset=utf-8\r\n\r\nEr is een koppeling. V-nummer 9900149732.\r\n' > "$work/content"

certificate() { # name, subject, address, key options
    openssl req -newkey $4 -nodes -keyout "$work/$1.key" -subj "$2" -out "$work/$1.csr" 2>/dev/null
    printf 'subjectAltName=email:%s\nextendedKeyUsage=emailProtection\nsubjectKeyIdentifier=hash\n' "$3" > "$work/ext"
    openssl x509 -req -in "$work/$1.csr" -CA ca.pem -CAkey "$work/ca.key" -days 36500 -extfile "$work/ext" -out "$1.pem" 2>/dev/null
}
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/ca.key" -subj "/CN=Trapped Root" -days 36500 -out ca.pem 2>/dev/null
certificate coa "/CN=COA" plaatsing@coa.nl rsa:2048
certificate curve "/CN=COA curve" plaatsing@coa.nl "ec -pkeyopt ec_paramgen_curve:P-256"
certificate stranger "/CN=Somebody" a@evil.example rsa:2048
certificate ours "/CN=Inburgering" inburgering@gemeente.nl rsa:2048
cp "$work/ours.key" ours.key

mail() { # file; the MIME entity comes in
    { echo "$head"; sed -e 's/\r$//' -e '/^MIME-Version/d'; } > "$1.eml"
}
sign() { openssl cms -sign -in "$work/content" -binary "$@" 2>/dev/null; }
sign -signer coa.pem -inkey "$work/coa.key" | mail beside
sign -signer curve.pem -inkey "$work/curve.key" | mail beside-curve
sign -signer coa.pem -inkey "$work/coa.key" -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1 | mail beside-pss
sign -signer coa.pem -inkey "$work/coa.key" -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:max | mail beside-pss-long
sign -signer stranger.pem -inkey "$work/stranger.key" | mail beside-stranger
sign -signer coa.pem -inkey "$work/coa.key" -md sha1 | mail beside-sha1
sign -nodetach -signer coa.pem -inkey "$work/coa.key" | mail around
sign -nodetach -stream -indef -signer coa.pem -inkey "$work/coa.key" | mail around-streamed
{ printf 'Subject: Koppelbericht binnenin\r\n'; cat "$work/content"; } > "$work/protected"
openssl cms -sign -in "$work/protected" -binary -nodetach -signer coa.pem -inkey "$work/coa.key" 2>/dev/null | mail around-protected
sign -nodetach -signer coa.pem -inkey "$work/coa.key" > "$work/signed"
seal() { file=$1; shift; openssl cms -encrypt -in "$work/signed" -binary "$@" ours.pem 2>/dev/null | mail "$file"; }
seal sealed-aes256 -aes256
seal sealed-aes128-streamed -aes128 -stream -indef
seal sealed-3des -des3
seal sealed-gcm -aes-256-gcm
openssl cms -encrypt -in "$work/signed" -binary -aes256 -recip ours.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 2>/dev/null | mail sealed-oaep
openssl cms -encrypt -in "$work/signed" -binary -aes256 -recip ours.pem -keyopt rsa_padding_mode:oaep 2>/dev/null | mail sealed-oaep-sha1
openssl cms -encrypt -in "$work/signed" -binary -aes256 -recip stranger.pem 2>/dev/null | mail sealed-for-another
rm -r "$work"
