# SPDX-License-Identifier: MIT
# A server under a trace, its client, and the lines of the trace.
mkfifo port
"$NTSOCK" run --driver=trace:file=trace.log --driver=passthrough -- "$NTSOCK" echo --count=1 >port &
{
    read -r line
    echo "$line" | sed "s/[0-9]*$/N/"
    "$NTSOCK" echo --connect=127.0.0.1 --port="${line##* }" --count=3
    read -r line
    echo "$line" | sed "s/[0-9]*$/N/"
} <port
wait $!
echo "server: $?"
grep -o "IOCTL_AFD_START_LISTEN .*-> passthrough: STATUS_SUCCESS" trace.log
grep -c "IOCTL_AFD_WAIT_FOR_LISTEN -> passthrough: STATUS_SUCCESS (0x00000000) {sequence .*, from 127.0.0.1:" trace.log
grep -c "irp IOCTL_AFD_ACCEPT {sequence .*, into handle 0x.* (#[0-9]*)} -> passthrough: STATUS_SUCCESS" trace.log
grep -c " IOCTL_AFD_RECEIVE .* {1[0-9] bytes} " trace.log
grep -vcE "^[0-9:.]{15} [0-9]+/[0-9]+ #[0-9]+ (irp|fast) .* -> passthrough: .* \(0x[0-9A-F]{8}\).* [0-9]+\.[0-9] us" trace.log || true
