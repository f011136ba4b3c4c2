#!/bin/sh
# A detector for `command`: the smaller the file, the more likely fake. One question and one answer a line, until there are no more.
while read -r question; do
  id=${question#*'"id":"'} && id=${id%%'"'*}
  path=${question#*'"path":"'} && path=${path%%'"'*}
  if [ -r "$path" ]; then
    printf '{"id":"%s","score":%d}\n' "$id" "-$(($(wc -c <"$path")))"
  else
    printf '{"id":"%s","error":"the file cannot be read"}\n' "$id"
  fi
done
