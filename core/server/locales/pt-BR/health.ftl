# Por que a saúde de um cliente é a que é.

health-loses = { $title } tira { $points } pontos
stale-plugin-disabled = O plugin { $plugin } está desativado. Ative-o para recalcular esta saúde.
stale-plugin-uninstalled = O plugin { $plugin } não está instalado. Instale-o para recalcular esta saúde.
stale-plugin-failed = O plugin { $plugin } falhou: { $told }. As chamadas dele dizem mais a quem cuida dos plugins.
