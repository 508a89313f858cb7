using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

internal static class Callers
{
    public static Caller Admin => Caller.System;

    public static Caller Ann { get; } = new() { User = "ann", Uid = 1001, Groups = ["lab"] };

    public static Caller Bob { get; } = new() { User = "bob", Uid = 1002, Groups = ["lab"] };

    public static Caller Eve { get; } = new() { User = "eve", Uid = 1003, Groups = ["other"] };

    public static Caller ReadOnlyAdmin { get; } = new() { User = "root", IsAdmin = true, MayWrite = false };
}
