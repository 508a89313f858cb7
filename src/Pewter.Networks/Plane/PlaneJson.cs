using System.Text.Json.Serialization;

namespace Pewter.Networks.Plane;

/// <summary>How plans and leases are stored.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SegmentPlan))]
[JsonSerializable(typeof(IReadOnlyList<Dhcp.Lease>))]
internal sealed partial class PlaneJson : JsonSerializerContext;
