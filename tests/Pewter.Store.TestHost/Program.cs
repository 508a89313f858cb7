using System.Globalization;
using System.Text;
using Pewter.Store;

// usage: Pewter.Store.TestHost directory|postgres WHERE NAME WRITERS
// Leads, says "leads TERM", then commits without end. Each commit creates a/ID and b/ID with the same body and an event; the line
// "+ ID" says that it was acknowledged, "- ID" that it was refused, "! ID ERRNO sentence" that it failed and "? ID" that nobody knows.
Console.OutputEncoding = new UTF8Encoding(false);
var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
var gate = new Lock();
await using var store = args[0] == "postgres" ? StateStore.OpenPostgres(args[1]) : StateStore.OpenDirectory(args[1]);
var leadership = await store.LeadAsync(CancellationToken.None);
Say($"leads {leadership.Term}");
var writers = int.Parse(args[3], CultureInfo.InvariantCulture);
await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAsync(writer))));

async Task WriteAsync(int writer)
{
    for (var i = 0; !leadership.Lost.IsCancellationRequested; i++)
    {
        var id = $"{args[2]}-{writer}-{i}";
        // Every fifth commit wants to create once more what the one before made, so it must be refused whole.
        var refusal = i % 5 == 4;
        var twin = refusal ? $"{args[2]}-{writer}-{i - 1}" : id;
        var body = Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\"}}");
        var batch = new CommitBatch().Put("a", id, body).Create("b", twin, body).Append("t", body);
        try
        {
            Say((await store.CommitAsync(batch, CancellationToken.None)).Committed ? $"+ {id}" : $"- {id}");
        }
        catch (StoreException failure)
        {
            Say(failure.OutcomeUnknown ? $"? {id}" : $"! {id} {failure.Errno} {failure.Message}");
            await Task.Delay(20);
        }
    }
}

void Say(string line)
{
    lock (gate)
        output.WriteLine(line);
}
