/* SPDX-License-Identifier: MIT */
/*
 * afd_group_test.c - socket groups and VALIDATE_GROUP, flow specifications, JOIN_LEAF, QUERY_HANDLES.
 * [doc:winsock2/wsasocketw] [doc:winsock2/wsajoinleaf] [doc:winsock/winsock-ioctls]
 */
#include <string.h>

#include "afd_test.h"

static NTSTATUS open_in_group(HANDLE *ret_handle, ULONG family, ULONG type, ULONG group)
{
    AFD_OPEN_PACKET packet;
    memset(&packet, 0, sizeof packet);
    packet.GroupID = group;
    packet.AddressFamily = family;
    packet.SocketType = type;
    packet.Protocol = type == DGRAM ? 17 : 6;
    *ret_handle = NULL;
    return try_open(ret_handle, AFD_OPEN_PACKET_NAME, &packet, sizeof packet);
}

static HANDLE open_member(ULONG type, ULONG group)
{
    HANDLE handle;
    REQUIRE_EQ(open_in_group(&handle, INET, type, group), STATUS_SUCCESS);
    return handle;
}

static AFD_GROUP_INFO group_of(HANDLE handle)
{
    AFD_INFORMATION info;
    AFD_GROUP_INFO group;
    memset(&info, 0, sizeof info);
    info.InformationType = AFD_GROUP_ID_AND_TYPE;
    CHECK_EQ(control(handle, IOCTL_AFD_GET_INFORMATION, &info, sizeof info, &info, sizeof info, NULL), STATUS_SUCCESS);
    memcpy(&group, &info.Information, sizeof group);
    return group;
}

static NTSTATUS validate(HANDLE handle, ULONG group, const struct address *address)
{
    UCHAR in[4 + 28];
    memcpy(in, &group, 4);
    memcpy(in + 4, address, address_length(address));
    return control(handle, IOCTL_AFD_VALIDATE_GROUP, in, 4 + address_length(address), NULL, 0, NULL);
}

/* Another host: with the loop engine every address is one's own, on Linux all of 127.0.0.0/8. */
static struct address other_host(struct address address)
{
    address.bytes[3] = 2;
    return address;
}

TEST(open__groups__made_joined_and_told)
{
    HANDLE none = open_member(STREAM, 0), loose = open_member(STREAM, AFD_GROUP_UNCONSTRAINED);
    HANDLE tight = open_member(STREAM, AFD_GROUP_CONSTRAINED);
    AFD_GROUP_INFO a = group_of(loose), b = group_of(tight);
    CHECK_EQ(group_of(none).GroupID, 0);
    CHECK_EQ(group_of(none).GroupType, 0);
    CHECK_EQ(a.GroupType, AFD_GROUP_UNCONSTRAINED);
    CHECK_EQ(b.GroupType, AFD_GROUP_CONSTRAINED);
    CHECK(a.GroupID > AFD_GROUP_CONSTRAINED && b.GroupID > AFD_GROUP_CONSTRAINED && a.GroupID != b.GroupID);
    HANDLE second = open_member(DGRAM, a.GroupID), third = open_member(STREAM, b.GroupID);
    CHECK_EQ(group_of(second).GroupID, a.GroupID);
    CHECK_EQ(group_of(third).GroupID, b.GroupID);
    HANDLE all[] = {none, loose, tight, second, third};
    for (int i = 0; i < 5; i++)
        close_handle(all[i]);
}

TEST(open__unfit_for_the_group__invalid_parameter)
{
    HANDLE tight = open_member(STREAM, AFD_GROUP_CONSTRAINED), handle;
    ULONG id = group_of(tight).GroupID;
    CHECK_EQ(open_in_group(&handle, INET, DGRAM, AFD_GROUP_CONSTRAINED), STATUS_INVALID_PARAMETER);
    CHECK_EQ(open_in_group(&handle, INET, DGRAM, id), STATUS_INVALID_PARAMETER);
    CHECK_EQ(open_in_group(&handle, INET6, STREAM, id), STATUS_INVALID_PARAMETER);
    CHECK_EQ(open_in_group(&handle, INET, STREAM, id + 1), STATUS_INVALID_PARAMETER);
    CHECK_EQ(open_in_group(&handle, INET, STREAM, 3), STATUS_INVALID_PARAMETER);
    close_handle(tight);
    CHECK_EQ(open_in_group(&handle, INET, STREAM, id), STATUS_INVALID_PARAMETER); /* it went with its last member */
}

TEST(constrained__connect_to_another_host__invalid_parameter)
{
    struct address here, there;
    HANDLE listener = open_listener(INET, 5, &here);
    HANDLE first = open_member(STREAM, AFD_GROUP_CONSTRAINED);
    HANDLE second = open_member(STREAM, group_of(first).GroupID);
    there = other_host(here);
    CHECK_EQ(validate(second, group_of(first).GroupID, &there), STATUS_SUCCESS); /* nobody is connected yet */
    REQUIRE_EQ(connect_to(first, &here), STATUS_SUCCESS);
    CHECK_EQ(validate(second, group_of(first).GroupID, &here), STATUS_SUCCESS);
    CHECK_EQ(validate(second, group_of(first).GroupID, &there), STATUS_INVALID_PARAMETER);
    CHECK_EQ(connect_to(second, &there), STATUS_INVALID_PARAMETER);
    CHECK_EQ(connect_to(second, &here), STATUS_SUCCESS);
    close_handle(first);
    close_handle(second);
    close_handle(listener);
}

TEST(constrained__failed_connect__binds_nobody)
{
    struct address here, dead;
    HANDLE listener = open_listener(INET, 5, &here), closed = open_endpoint(INET, STREAM);
    HANDLE first = open_member(STREAM, AFD_GROUP_CONSTRAINED);
    dead = bind_own_loopback(closed); /* another host, where nobody listens */
    CHECK_EQ(connect_to(first, &dead), STATUS_CONNECTION_REFUSED);
    CHECK_EQ(connect_to(first, &here), STATUS_SUCCESS);
    close_handle(closed);
    close_handle(first);
    close_handle(listener);
}

TEST(constrained__accept_from_another_host__invalid_parameter)
{
    struct address here, there, bound;
    HANDLE listener = open_listener(INET, 5, &here), anywhere = open_endpoint(INET, STREAM);
    HANDLE member = open_member(STREAM, AFD_GROUP_CONSTRAINED), server = open_member(STREAM, group_of(member).GroupID);
    HANDLE client = open_endpoint(INET, STREAM);
    AFD_LISTEN_RESPONSE_INFO reply;
    REQUIRE_EQ(connect_to(member, &here), STATUS_SUCCESS);
    there = other_host(loopback(INET, 0));
    REQUIRE_EQ(bind_to(anywhere, AFD_NORMALADDRUSE, &there, &bound), STATUS_SUCCESS);
    REQUIRE_EQ(start_listen(anywhere, 5), STATUS_SUCCESS);
    /* which is the peer's address then */
    REQUIRE_EQ(bind_to(client, AFD_NORMALADDRUSE, &there, NULL), STATUS_SUCCESS);
    REQUIRE_EQ(connect_to(client, &bound), STATUS_SUCCESS);
    REQUIRE_EQ(control(anywhere, IOCTL_AFD_WAIT_FOR_LISTEN, NULL, 0, &reply, sizeof reply, NULL), STATUS_SUCCESS);
    CHECK_EQ(accept_into(anywhere, reply.Sequence, server), STATUS_INVALID_PARAMETER);
    HANDLE all[] = {listener, anywhere, member, server, client};
    for (int i = 0; i < 5; i++)
        close_handle(all[i]);
}

TEST(any__validate_group__requests_and_strangers)
{
    HANDLE stream = open_endpoint(INET, STREAM), datagram = open_endpoint(INET, DGRAM);
    struct address address = loopback(INET, 7), six = loopback(INET6, 7);
    for (ULONG group = 0; group <= 2; group++)
        CHECK_EQ(validate(stream, group, &address), STATUS_SUCCESS);
    CHECK_EQ(validate(datagram, AFD_GROUP_UNCONSTRAINED, &address), STATUS_SUCCESS);
    CHECK_EQ(validate(datagram, AFD_GROUP_CONSTRAINED, &address), STATUS_INVALID_PARAMETER);
    CHECK_EQ(validate(stream, 4711, &address), STATUS_INVALID_PARAMETER);
    CHECK_EQ(validate(stream, 0, &six), STATUS_INVALID_ADDRESS);
    close_handle(stream);
    close_handle(datagram);
}

/* --- flow specifications --- */
static NTSTATUS set_qos(HANDLE handle, ULONG rate, int group)
{
    AFD_QOS_INFO info;
    memset(&info, 0, sizeof info);
    info.Qos.SendingFlowspec.TokenRate = rate;
    info.Qos.ReceivingFlowspec.ServiceType = 3;
    info.Qos.ProviderSpecific = &info;
    info.Qos.ProviderSpecificLength = 8;
    info.GroupQos = (BOOLEAN)group;
    return control(handle, IOCTL_AFD_SET_QOS, &info, sizeof info, NULL, 0, NULL);
}

static AFD_QOS get_qos(HANDLE handle, int group)
{
    AFD_QOS_INFO info;
    ULONG_PTR bytes = 0;
    memset(&info, 0, sizeof info);
    info.GroupQos = (BOOLEAN)group;
    CHECK_EQ(control(handle, IOCTL_AFD_GET_QOS, &info, group ? sizeof info : 0, &info, sizeof info, &bytes),
        STATUS_SUCCESS);
    CHECK_EQ(bytes, sizeof info);
    CHECK_EQ(info.GroupQos, group);
    CHECK_EQ(info.Qos.ProviderSpecificLength, 0);
    return info.Qos;
}

TEST(bound__qos__unspecified_until_set)
{
    HANDLE handle = open_endpoint(INET, DGRAM);
    bind_loopback(handle);
    CHECK_EQ(get_qos(handle, 0).SendingFlowspec.TokenRate, AFD_QOS_NOT_SPECIFIED);
    CHECK_EQ(get_qos(handle, 0).ReceivingFlowspec.ServiceType, AFD_QOS_BEST_EFFORT);
    CHECK_EQ(set_qos(handle, 1000, 0), STATUS_SUCCESS);
    CHECK_EQ(set_qos(handle, 2000, 0), STATUS_SUCCESS);
    CHECK_EQ(get_qos(handle, 0).SendingFlowspec.TokenRate, 2000);
    CHECK_EQ(get_qos(handle, 0).ReceivingFlowspec.ServiceType, 3);
    close_handle(handle);
}

TEST(grouped__qos_of_the_group__shared_by_its_members)
{
    HANDLE first = open_member(DGRAM, AFD_GROUP_UNCONSTRAINED), second = open_member(DGRAM, group_of(first).GroupID);
    HANDLE lone = open_endpoint(INET, DGRAM);
    bind_loopback(second);
    bind_loopback(lone);
    CHECK_EQ(get_qos(second, 1).SendingFlowspec.TokenRate, AFD_QOS_NOT_SPECIFIED);
    CHECK_EQ(set_qos(first, 3000, 1), STATUS_SUCCESS);
    CHECK_EQ(get_qos(second, 1).SendingFlowspec.TokenRate, 3000);
    CHECK_EQ(get_qos(second, 0).SendingFlowspec.TokenRate, AFD_QOS_NOT_SPECIFIED);
    CHECK_EQ(set_qos(lone, 3000, 1), STATUS_INVALID_PARAMETER);
    CHECK_EQ(get_qos(lone, 1).SendingFlowspec.TokenRate, 0);
    close_handle(first);
    close_handle(second);
    close_handle(lone);
}

/* --- multipoint --- */
static NTSTATUS join(HANDLE handle, HANDLE root, HANDLE leaf, const struct address *group)
{
    struct {
        AFD_CONNECT_JOIN_INFO info;
        UCHAR room[28];
    } in;
    memset(&in, 0, sizeof in);
    in.info.RootEndpoint = root;
    in.info.ConnectEndpoint = leaf;
    memcpy(in.info.RemoteAddress, group, address_length(group));
    return control(handle, IOCTL_AFD_JOIN_LEAF, &in, UFIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress) +
        address_length(group), NULL, 0, NULL);
}

static struct address multicast(UCHAR last)
{
    struct address group = loopback(INET, 5000);
    group.bytes[0] = 239, group.bytes[1] = 1, group.bytes[2] = 2, group.bytes[3] = last;
    return group;
}

TEST(open_datagram__join_leaf__bound_and_a_member)
{
    HANDLE handle = open_endpoint(INET, DGRAM);
    struct address group = multicast(3), name;
    NTSTATUS status = join(handle, NULL, NULL, &group);
    if (status == STATUS_INVALID_ADDRESS_COMPONENT) {
        close_handle(handle);
        SKIP("no interface for multicast groups");
    }
    CHECK_EQ(status, STATUS_SUCCESS);
    CHECK_EQ(control(handle, IOCTL_AFD_GET_ADDRESS, NULL, 0, &name, sizeof name, NULL), STATUS_SUCCESS);
    CHECK(name.port != 0);
    if (!engine_is("loop")) /* which keeps no list of members */
        CHECK_EQ(join(handle, NULL, NULL, &group), STATUS_CONNECTION_ACTIVE);
    group = multicast(4);
    CHECK_EQ(join(handle, NULL, NULL, &group), STATUS_SUCCESS);
    close_handle(handle);
}

TEST(any__join_leaf__wrong_handles_and_addresses)
{
    HANDLE datagram = open_endpoint(INET, DGRAM), stream = open_endpoint(INET, STREAM), event = open_event(1);
    HANDLE closed = open_endpoint(INET, DGRAM);
    struct address group = multicast(3), any = loopback(INET, 5000), six = loopback(INET6, 5000);
    memset(any.bytes, 0, sizeof any.bytes);
    close_handle(closed);
    CHECK_EQ(join(datagram, NULL, NULL, &any), STATUS_INVALID_ADDRESS);
    CHECK_EQ(join(datagram, NULL, NULL, &six), STATUS_INVALID_ADDRESS);
    CHECK_EQ(join(datagram, stream, NULL, &group), STATUS_NOT_SUPPORTED);
    CHECK_EQ(join(datagram, closed, NULL, &group), STATUS_INVALID_HANDLE);
    CHECK_EQ(join(datagram, event, NULL, &group), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(join(datagram, NULL, closed, &group), STATUS_INVALID_HANDLE);
    CHECK_EQ(join(datagram, NULL, event, &group), STATUS_OBJECT_TYPE_MISMATCH);
    CHECK_EQ(join(datagram, NULL, stream, &group), STATUS_NOT_SUPPORTED);
    close_handle(datagram);
    close_handle(stream);
    close_handle(event);
}

TEST(stream__join_leaf_for_another__that_one_joins)
{
    HANDLE stream = open_endpoint(INET, STREAM), leaf = open_endpoint(INET, DGRAM);
    struct address group = multicast(5), name;
    NTSTATUS status = join(stream, NULL, leaf, &group);
    if (status == STATUS_SUCCESS)
        CHECK_EQ(control(leaf, IOCTL_AFD_GET_ADDRESS, NULL, 0, &name, sizeof name, NULL), STATUS_SUCCESS);
    CHECK_EQ(control(stream, IOCTL_AFD_GET_ADDRESS, NULL, 0, &name, sizeof name, NULL), STATUS_INVALID_PARAMETER);
    close_handle(stream);
    close_handle(leaf);
    if (status == STATUS_INVALID_ADDRESS_COMPONENT)
        SKIP("no interface for multicast groups");
    CHECK_EQ(status, STATUS_SUCCESS);
}

/* --- protocol handles --- */
TEST(any__query_handles__none_of_this_transport)
{
    HANDLE client, server;
    AFD_HANDLE_INFO handles = {(HANDLE)1, (HANDLE)2};
    ULONG_PTR bytes = 0;
    ULONG wanted = AFD_QUERY_ADDRESS_HANDLE | AFD_QUERY_CONNECTION_HANDLE;
    open_pair(&client, &server);
    CHECK_EQ(control(client, IOCTL_AFD_QUERY_HANDLES, &wanted, sizeof wanted, &handles, sizeof handles, &bytes),
        STATUS_SUCCESS);
    CHECK_EQ(bytes, sizeof handles);
    CHECK(handles.TdiAddressHandle == NULL && handles.TdiConnectionHandle == NULL);
    for (wanted = 0; wanted < 9; wanted += 4)
        CHECK_EQ(control(client, IOCTL_AFD_QUERY_HANDLES, &wanted, sizeof wanted, &handles, sizeof handles, NULL),
            STATUS_INVALID_PARAMETER);
    close_handle(client);
    close_handle(server);
}
