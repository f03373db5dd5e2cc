# Por que a saúde de um cliente é a que é.

health-loses = { $title } tira { $points } pontos
