#!/bin/sh
# Delete the jobs of the given names, with their pods.
exec kubectl delete job --ignore-not-found --wait=false "$@"
