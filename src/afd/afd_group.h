/* SPDX-License-Identifier: MIT */
/*
 * afd_group.h - socket groups: which endpoints belong together, and to whom a constrained group is connected.
 *
 * Layer: afd. NT counterpart: AFD's groups. What they mean to a program is in afd_ioctl_socket.h.
 */
#ifndef AFD_GROUP_H
#define AFD_GROUP_H

#include "afd_endpoint.h"

/*
 * AfdJoinGroup - the new endpoint becomes a member: 0 of none, else of a new or an existing group.
 * STATUS_INVALID_PARAMETER: there is no such group, or the endpoint does not fit; STATUS_INSUFFICIENT_RESOURCES.
 * AfdLeaveGroup - the endpoint goes; with the last member the group. No lock held, as for all.
 */
_Must_inspect_result_ NTSTATUS AfdJoinGroup(AFD_ENDPOINT *Endpoint, ULONG GroupId);
VOID AfdLeaveGroup(AFD_ENDPOINT *Endpoint);

/*
 * AfdClaimGroup - the endpoint is going to be connected to Address. STATUS_INVALID_PARAMETER: its group is constrained
 * and others of it are connected to another. Undone by AfdReleaseGroup or AfdLeaveGroup.
 */
_Must_inspect_result_ NTSTATUS AfdClaimGroup(AFD_ENDPOINT *Endpoint, const UCHAR *Address);
VOID AfdReleaseGroup(AFD_ENDPOINT *Endpoint);

VOID AfdGetGroupInfo(const AFD_ENDPOINT *Endpoint, AFD_GROUP_INFO *Info);
/* The group's flow specifications. FALSE: the endpoint is in none. */
BOOLEAN AfdSetGroupQos(AFD_ENDPOINT *Endpoint, const AFD_QOS *Qos);
BOOLEAN AfdGetGroupQos(const AFD_ENDPOINT *Endpoint, AFD_QOS *Qos);

#endif
