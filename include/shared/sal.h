/* SPDX-License-Identifier: MIT */
/*
 * sal.h - source annotation words, all empty.
 *
 * Layer: shared. The words document contracts in headers; only Windows tools check them. The lower
 * case words of the first SAL (__in, __out ...) exist in C alone: libstdc++ uses them as identifiers.
 * Lock annotations are empty here; src/ntos/include/locks.h gives them a meaning for
 * clang's thread safety analysis inside the stack.
 * [doc:cpp/understanding-sal]
 */
#ifndef _SAL_H_
#define _SAL_H_

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(n)
#define _In_reads_opt_(n)
#define _In_reads_bytes_(n)
#define _In_reads_bytes_opt_(n)
#define _In_reads_z_(n)
#define _In_range_(a, b)
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Inout_updates_(n)
#define _Inout_updates_opt_(n)
#define _Inout_updates_bytes_(n)
#define _Inout_updates_bytes_opt_(n)
#define _Inout_updates_z_(n)
#define _Out_
#define _Out_opt_
#define _Out_writes_(n)
#define _Out_writes_opt_(n)
#define _Out_writes_z_(n)
#define _Out_writes_opt_z_(n)
#define _Out_writes_bytes_(n)
#define _Out_writes_bytes_opt_(n)
#define _Out_writes_to_(n, c)
#define _Out_writes_to_opt_(n, c)
#define _Out_writes_bytes_to_(n, c)
#define _Out_writes_bytes_to_opt_(n, c)
#define _Out_writes_bytes_all_(n)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _Outptr_result_bytebuffer_(n)
#define _COM_Outptr_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Ret_z_
#define _Reserved_
#define _Must_inspect_result_
#define _Check_return_
#define _Success_(e)
#define _When_(e, a)
#define _At_(t, a)
#define _Pre_
#define _Post_
#define _Pre_notnull_
#define _Pre_maybenull_
#define _Pre_valid_
#define _Post_valid_
#define _Post_invalid_
#define _Post_ptr_invalid_
#define _Post_equals_last_error_
#define _Null_terminated_
#define _NullNull_terminated_
#define _Printf_format_string_
#define _Scanf_format_string_
#define _Field_size_(n)
#define _Field_size_opt_(n)
#define _Field_size_bytes_(n)
#define _Field_size_bytes_opt_(n)
#define _Field_range_(a, b)
#define _Deref_out_range_(a, b)
#define _Function_class_(c)
#define _Use_decl_annotations_
#define _Analysis_assume_(e)
#define _Analysis_assume_lock_held_(l)
#define _Always_(a)
#define _Kernel_clear_do_init_(x)
#define _Kernel_requires_resource_held_(r)
#define _IRQL_requires_(i)
#define _IRQL_requires_max_(i)
#define _IRQL_requires_min_(i)
#define _IRQL_requires_same_
#define _IRQL_raises_(i)
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_always_function_max_(i)
#define _IRQL_always_function_min_(i)
#define _Dispatch_type_(t)
#define _Interlocked_
#define _Interlocked_operand_
#define _Frees_ptr_
#define _Frees_ptr_opt_
#define __drv_allocatesMem(k)
#define __drv_freesMem(k)
#define __drv_aliasesMem
#define __drv_dispatchType(t)

#define _In_defensive_(x)
#define _Inout_defensive_(x)
#define _Inout_updates_all_(n)
#define _Inout_updates_all_opt_(n)
#define _Inout_updates_bytes_all_(n)
#define _Inout_updates_bytes_all_opt_(n)
#define _Inout_updates_to_(n, c)
#define _Inout_updates_to_opt_(n, c)
#define _Inout_updates_bytes_to_(n, c)
#define _Inout_updates_opt_z_(n)
#define _Out_writes_all_(n)
#define _Out_writes_all_opt_(n)
#define _Out_writes_bytes_all_opt_(n)
#define _In_reads_or_z_(n)
#define _In_reads_opt_z_(n)
#define _In_reads_to_ptr_(p)
#define _Out_writes_to_ptr_(p)
#define _Out_range_(a, b)
#define _Deref_in_range_(a, b)
#define _Ret_opt_
#define _Ret_null_
#define _Ret_valid_
#define _Ret_writes_(n)
#define _Ret_writes_z_(n)
#define _Ret_writes_bytes_(n)
#define _Ret_range_(a, b)
#define _Outptr_result_z_
#define _Outptr_opt_result_z_
#define _Outptr_result_buffer_(n)
#define _Outptr_result_nullonfailure_
#define _Outptr_result_bytebuffer_maybenull_(n)
#define _Result_nullonfailure_
#define _Result_zeroonfailure_
#define _Pre_null_
#define _Pre_z_
#define _Post_z_
#define _Post_notnull_
#define _Post_maybenull_
#define _Post_satisfies_(e)
#define _Pre_satisfies_(e)
#define _Pre_readable_size_(n)
#define _Pre_readable_byte_size_(n)
#define _Pre_writable_size_(n)
#define _Pre_writable_byte_size_(n)
#define _Post_readable_size_(n)
#define _Post_readable_byte_size_(n)
#define _Post_writable_byte_size_(n)
#define _Field_z_
#define _Field_size_full_(n)
#define _Field_size_part_(n, c)
#define _Struct_size_bytes_(n)
#define _Points_to_data_
#define _Literal_
#define _Notliteral_
#define _Notnull_
#define _Maybenull_
#define _Readable_bytes_(n)
#define _Writable_bytes_(n)
#define _Analysis_assume_nullterminated_(x)
#define _Group_(a)
#define _Const_
#define _Strict_type_match_
#define _Benign_race_begin_
#define _Benign_race_end_
#define _No_competing_thread_
#define _Analysis_suppress_lock_checking_(l)
#define _Create_lock_level_(l)
#define _Translates_NTSTATUS_to_HRESULT_(s)
#define _Translates_Win32_to_HRESULT_(e)
#define _On_failure_(a)
#define _Raises_SEH_exception_
#define _Maybe_raises_SEH_exception_
#define _Prepost_z_
#define _Enum_is_bitflag_
#define _Scanf_s_format_string_
#define _Kernel_acquires_resource_(k)
#define _Kernel_releases_resource_(k)
#define _Kernel_IoGetDmaAdapter_

#ifndef __cplusplus
#define __in
#define __in_opt
#define __in_z
#define __in_opt_z
#define __in_ecount(n)
#define __in_ecount_opt(n)
#define __in_bcount(n)
#define __in_bcount_opt(n)
#define __in_ecount_z(n)
#define __out
#define __out_opt
#define __out_ecount(n)
#define __out_ecount_opt(n)
#define __out_bcount(n)
#define __out_bcount_opt(n)
#define __out_ecount_z(n)
#define __out_ecount_part(n, c)
#define __out_ecount_part_opt(n, c)
#define __out_bcount_part(n, c)
#define __out_bcount_part_opt(n, c)
#define __out_ecount_full(n)
#define __out_bcount_full(n)
#define __inout
#define __inout_opt
#define __inout_z
#define __inout_ecount(n)
#define __inout_ecount_opt(n)
#define __inout_bcount(n)
#define __inout_bcount_opt(n)
#define __inout_ecount_z(n)
#define __inout_ecount_part(n, c)
#define __inout_bcount_part(n, c)
#define __deref_in
#define __deref_in_opt
#define __deref_out
#define __deref_out_opt
#define __deref_opt_out
#define __deref_opt_out_opt
#define __deref_inout
#define __deref_out_ecount(n)
#define __deref_out_bcount(n)
#define __deref_out_z
#define __ecount(n)
#define __bcount(n)
#define __reserved
#define __checkReturn
#define __nullterminated
#define __callback
#define __notnull
#define __format_string
#define __field_ecount(n)
#define __field_bcount(n)
#define __success(e)
#define __typefix(t)
#define __override
#endif

#ifndef _Guarded_by_ /* locks.h may have given these a meaning */
#define _Guarded_by_(l)
#define _Write_guarded_by_(l)
#define _Acquires_lock_(l)
#define _Acquires_exclusive_lock_(l)
#define _Acquires_shared_lock_(l)
#define _Acquires_nonreentrant_lock_(l)
#define _Releases_lock_(l)
#define _Releases_exclusive_lock_(l)
#define _Releases_shared_lock_(l)
#define _Releases_nonreentrant_lock_(l)
#define _Requires_lock_held_(l)
#define _Requires_exclusive_lock_held_(l)
#define _Requires_shared_lock_held_(l)
#define _Requires_lock_not_held_(l)
#define _Requires_no_locks_held_
#define _Has_lock_kind_(k)
#define _Has_lock_level_(l)
#define _Lock_level_order_(a, b)
#endif

#endif /* _SAL_H_ */
