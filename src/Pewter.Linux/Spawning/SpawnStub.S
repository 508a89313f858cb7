# The source of SpawnStub.Code: long run(struct SpawnHeader *) in rdi.
#
# Offsets of SpawnHeader: 0 clone_args, 88 StepCount, 96 Steps, 104 FailedStep, 112 FailedResult, 120 AllSignals, 128 SavedSignals.
# Offsets of SyscallStep: 0 Number, 8..48 A..F, 56 MayFail, 64 Result; 72 bytes.
#
# The child never touches the stack, which it shares with the parent.
.intel_syntax noprefix
.globl run
run:
  push rbx
  push r12
  push r13
  mov rbx, rdi
  mov eax, 14                # rt_sigprocmask(SIG_SETMASK, all, saved, 8)
  mov edi, 2
  lea rsi, [rbx+120]
  lea rdx, [rbx+128]
  mov r10d, 8
  syscall
  mov eax, 435               # clone3(header, 88)
  mov rdi, rbx
  mov esi, 88
  syscall
  test rax, rax
  jnz parent
  mov r12, [rbx+96]
  xor r13d, r13d
next:
  cmp r13, [rbx+88]
  jae fail                   # running out of steps without an exec is a failure too
  mov rax, [r12]
  mov rdi, [r12+8]
  mov rsi, [r12+16]
  mov rdx, [r12+24]
  mov r10, [r12+32]
  mov r8, [r12+40]
  mov r9, [r12+48]
  syscall
  mov [r12+64], rax
  cmp rax, -4095
  jb go
  test byte ptr [r12+56], 1
  jz fail
go:
  add r12, 72
  inc r13
  jmp next
fail:
  mov [rbx+112], rax
  inc r13
  mov [rbx+104], r13
  mov eax, 231               # exit_group(127)
  mov edi, 127
  syscall
parent:
  mov r12, rax
  mov eax, 14                # rt_sigprocmask(SIG_SETMASK, saved, 0, 8)
  mov edi, 2
  lea rsi, [rbx+128]
  xor edx, edx
  mov r10d, 8
  syscall
  mov rax, r12
  pop r13
  pop r12
  pop rbx
  ret
