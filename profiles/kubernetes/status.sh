#!/bin/sh
# Print running, success or failed for the job of the given name.
found=$(kubectl get job "$1" --ignore-not-found -o 'jsonpath=found {.status.conditions[?(@.status=="True")].type}') || {
    # The server does not answer; ask again later.
    echo running
    exit
}
case $found in
    *Complete*) echo success ;;
    *Failed* | "") echo failed ;;
    *) echo running ;;
esac
