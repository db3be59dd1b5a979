"""The offline models, and how they become LangChain chat models and embeddings."""
