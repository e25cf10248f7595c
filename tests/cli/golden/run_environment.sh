# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver=one:a=1,b=2 --driver two --service-pack=4 --hotfix=Q1 --hotfix=Q2 --engine=loop -- \
    sh -c "env | grep ^NTSOCK_ | sort"
