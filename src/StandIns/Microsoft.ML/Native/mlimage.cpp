// Image files to BGRA bytes and back. Every export returns 0 on success; otherwise mlimage_last_error() says why.
// No exception leaves this file. Buffers handed out are freed with mlimage_free.
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#define MLIMAGE_EXPORT extern "C" __attribute__((visibility("default")))

namespace
{
thread_local std::string lastError;

template <typename Body>
int guarded(Body body)
{
    try
    {
        body();
        return 0;
    }
    catch (const std::exception& e)
    {
        lastError = e.what();
    }
    catch (...)
    {
        lastError = "unknown native failure";
    }
    return 1;
}

uint8_t* allocate(size_t size)
{
    auto* buffer = static_cast<uint8_t*>(std::malloc(size));
    if (buffer == nullptr)
        throw std::bad_alloc();
    return buffer;
}

// Grey, BGR or BGRA rows of 8 bits to BGRA; straight alpha, as imgcodecs delivers it.
void expandToBgra(const cv::Mat& image, uint8_t* bgra)
{
    const int channels = image.channels();
    for (int y = 0; y < image.rows; y++)
    {
        const uint8_t* source = image.ptr<uint8_t>(y);
        for (int x = 0; x < image.cols; x++, source += channels, bgra += 4)
        {
            bgra[0] = source[0];
            bgra[1] = source[channels == 1 ? 0 : 1];
            bgra[2] = source[channels == 1 ? 0 : 2];
            bgra[3] = channels == 4 ? source[3] : 255;
        }
    }
}
}

MLIMAGE_EXPORT const char* mlimage_last_error()
{
    return lastError.c_str();
}

MLIMAGE_EXPORT void mlimage_free(uint8_t* buffer)
{
    std::free(buffer);
}

// The pixels are kept as stored: an EXIF orientation is not applied.
MLIMAGE_EXPORT int mlimage_decode(const uint8_t* file, int32_t length, uint8_t** bgra, int32_t* width, int32_t* height)
{
    return guarded([&] {
        const cv::Mat bytes(1, length, CV_8U, const_cast<uint8_t*>(file));
        cv::Mat image = cv::imdecode(bytes, cv::IMREAD_UNCHANGED);
        if (image.empty())
            throw std::runtime_error("the bytes are truncated or not an image");
        if (image.depth() == CV_16U)
            image.convertTo(image, CV_8U, 1.0 / 257);
        const int channels = image.channels();
        if (image.depth() != CV_8U || (channels != 1 && channels != 3 && channels != 4))
            throw std::runtime_error("pixels of this depth or number of channels are not supported");

        *bgra = allocate(image.total() * 4);
        *width = image.cols;
        *height = image.rows;
        expandToBgra(image, *bgra);
    });
}

// extension: ".png", ".jpg", ".jpeg" or ".webp". JPEG drops alpha; JPEG and WebP are written at their best quality.
MLIMAGE_EXPORT int mlimage_encode(const char* extension, const uint8_t* bgra, int32_t width, int32_t height, uint8_t** file, int64_t* length)
{
    return guarded([&] {
        cv::Mat image(height, width, CV_8UC4, const_cast<uint8_t*>(bgra));
        if (std::strncmp(extension, ".jp", 3) == 0)
        {
            cv::Mat opaque(height, width, CV_8UC3);
            cv::mixChannels({image}, {opaque}, {0, 0, 1, 1, 2, 2});
            image = opaque;
        }

        std::vector<uint8_t> encoded;
        // For WebP, a quality above 100 means lossless.
        if (!cv::imencode(extension, image, encoded, {cv::IMWRITE_JPEG_QUALITY, 100, cv::IMWRITE_WEBP_QUALITY, 101}))
            throw std::runtime_error("the image could not be encoded");
        *file = allocate(encoded.size());
        *length = static_cast<int64_t>(encoded.size());
        std::memcpy(*file, encoded.data(), encoded.size());
    });
}
