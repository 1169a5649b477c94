using Microsoft.ML.DrSeg.Scenes;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>The photographs that scenes are composed of by default; not every machine has them.</summary>
internal static class DebianPictures
{
    /// <summary>Their folder; where there is none, the test is passed over and says so.</summary>
    public static string RootOrSkip()
    {
        try
        {
            return SceneAssets.FindRoot();
        }
        catch (DirectoryNotFoundException absent)
        {
            Assert.Ignore(absent.Message);
            throw;
        }
    }
}
