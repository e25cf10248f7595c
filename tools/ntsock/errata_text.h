/* SPDX-License-Identifier: MIT */
/*
 * errata_text.h - the documented defects in plain words.
 *
 * Layer: tools. Written for people who have never seen an NT driver. Facts from the articles, in our
 * own words; what is ours and not the article's is said.
 */
#ifndef ERRATA_TEXT_H
#define ERRATA_TEXT_H

struct errata_text {
    const char *id;
    const char *paragraphs; /* printed as they stand */
};

static const struct errata_text errata_texts[] = {
    {"Q201348",
        "What happened\n"
        "    On Windows NT 4.0 with Service Pack 4, accept() could fail with error 10022 (WSAEINVAL,\n"
        "    \"an invalid argument was supplied\") although the program passed nothing wrong.\n"
        "\n"
        "Who was hit\n"
        "    Servers on machines where some product (a firewall, a virus scanner, a monitor) had put\n"
        "    a driver of its own above Afd.sys, the driver that implements sockets. Code that Service\n"
        "    Pack 4 added to Afd.sys failed as soon as any driver was layered above it. The very same\n"
        "    server worked on a machine without such a product.\n"
        "\n"
        "The two remedies\n"
        "    Service Pack 5, which corrected it first:        ntsock run --service-pack=5\n"
        "    the individual software update for Service Pack 4: ntsock run --service-pack=4 --hotfix=Q201348\n"
        "    Without any of these options ntsock behaves as with everything fixed.\n"
        "\n"
        "Our reconstruction\n"
        "    The article tells the cause no closer than that. accept() ends with a request to AFD\n"
        "    that carries the handle of a second, newly opened socket, and AFD must recognise that\n"
        "    handle as one of its own. Under the Service Pack 4 profile our AFD looks at the top of\n"
        "    the device stack that the handle leads to (IoGetRelatedDeviceObject). That is AFD's own\n"
        "    device only while nothing is layered above. Otherwise AFD looks at the device that the\n"
        "    file object names, which is right however many drivers there are. The article speaks of\n"
        "    accept() alone, so nothing else is affected. When accept() fails in this way the\n"
        "    connection is reset, so that the client does not wait for ever. [kb:Q201348] [guess]\n"},
};

#endif
